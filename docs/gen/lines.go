package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
)

// lineLimits is the table of what LINE takes, from the numbers its channel
// works with.
func lineLimits(s *source) (string, error) {
	return s.limits("channels/line", []limit{
		{"maxObjects", "message objects in one call", "", "the next call, which is a push"},
		{"maxTextUnits", "a text", " UTF-16 units", "it is cut into several messages between paragraphs, sentences or words"},
		{"maxQuickReplies", "quick replies of a turn", "", "the rest is left out, with a warning"},
		{"maxQuickReplyLabel", "title of a quick reply", " letters", "it is cut"},
		{"maxBubbles", "cards of a carousel", "", "the rest is left out, with a warning"},
		{"maxFlexLabel", "title of a button", " letters", "it is cut"},
		{"maxAltUnits", "`alt_text`", " UTF-16 units", "it is cut"},
		{"maxLocationUnits", "title and address of a place, each", " UTF-16 units", "it is cut"},
		{"maxActionURI", "address a button opens", " characters", "the button becomes a line of text"},
		{"maxMediaURL", "address of a picture, film or sound", " characters", "it becomes a link"},
	})
}

// limit is a number a channel works with.
type limit struct{ name, what, unit, beyond string }

// limits is the table of a channel's limits.
func (s *source) limits(folder string, list []limit) (string, error) {
	n, err := s.numbers(folder)
	if err != nil {
		return "", err
	}
	t := newTable("what", "at most", "beyond it")
	for _, l := range list {
		v, ok := n[l.name]
		if !ok {
			return "", fmt.Errorf("%s has no %s", folder, l.name)
		}
		t.add(l.what, fmt.Sprint(v)+l.unit, l.beyond)
	}
	return t.String(), nil
}

// numbers reads the whole-number constants of a package that are written out.
func (s *source) numbers(folder string) (map[string]int64, error) {
	files, err := s.files(folder)
	if err != nil {
		return nil, err
	}
	found := map[string]int64{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range v.Names {
				if i < len(v.Values) {
					if x, ok := whole(v.Values[i]); ok {
						found[name.Name] = x
					}
				}
			}
			return true
		})
	}
	return found, nil
}

// whole evaluates 5 and 30 << 10.
func whole(e ast.Expr) (int64, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.INT {
			return constant.Int64Val(constant.MakeFromLiteral(e.Value, e.Kind, 0))
		}
	case *ast.BinaryExpr:
		x, okX := whole(e.X)
		y, okY := whole(e.Y)
		if e.Op == token.SHL && okX && okY {
			return x << y, true
		}
	}
	return 0, false
}
