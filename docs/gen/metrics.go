package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// metricFolders are those whose code makes metrics.
var metricFolders = [...]string{"app", "server", "server/clicks", "server/webhook", "worker"}

// metricKinds are the constructors of metrics and what they make.
var metricKinds = map[string]string{"CounterOpts": "counter", "GaugeOpts": "gauge", "HistogramOpts": "histogram"}

// metric is one as the code describes it.
type metric struct{ name, kind, help string }

// metricsPart is the table of all metrics, from where they are made.
func metricsPart(s *source) (string, error) {
	list, err := s.metrics()
	if err != nil {
		return "", err
	}
	t := newTable("metric", "kind", "what it tells")
	for _, m := range list {
		t.add(code(m.name), m.kind, m.help)
	}
	return t.String(), nil
}

// metrics finds every metric in the code, by their names.
func (s *source) metrics() ([]metric, error) {
	var list []metric
	for _, folder := range metricFolders {
		files, err := s.files(folder)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if m := metricOf(n); m.name != "" {
					list = append(list, m)
				}
				return true
			})
		}
	}
	slices.SortFunc(list, func(a, b metric) int { return strings.Compare(a.name, b.name) })
	for i, m := range list {
		switch {
		case m.help == "":
			return nil, fmt.Errorf("the metric %s has no help", m.name)
		case i > 0 && list[i-1].name == m.name:
			return nil, fmt.Errorf("the metric %s is made twice", m.name)
		}
	}
	return list, nil
}

// metricOf reads one metric's options, or the survey's way to make a gauge.
func metricOf(n ast.Node) metric {
	switch n := n.(type) {
	case *ast.CompositeLit:
		t, ok := n.Type.(*ast.SelectorExpr)
		if !ok || metricKinds[t.Sel.Name] == "" {
			return metric{}
		}
		m := metric{kind: metricKinds[t.Sel.Name]}
		for _, e := range n.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				switch key, _ := pair.Key.(*ast.Ident); {
				case key == nil:
				case key.Name == "Name":
					m.name = textOf(pair.Value)
				case key.Name == "Help":
					m.help = textOf(pair.Value)
				}
			}
		}
		return m
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "gauge" && len(n.Args) >= 2 {
			return metric{textOf(n.Args[0]), "gauge", textOf(n.Args[1])}
		}
	}
	return metric{}
}

// textOf is what a text in the code says, "" for anything else.
func textOf(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}
