package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// source reads what the code says in comments.
type source struct {
	root    string
	folders map[string][]*ast.File
}

func newSource(root string) *source { return &source{root: root, folders: map[string][]*ast.File{}} }

// files parses a package's files, tests left out, in the order of their names.
func (s *source) files(folder string) ([]*ast.File, error) {
	if files, ok := s.folders[folder]; ok {
		return files, nil
	}
	names, err := filepath.Glob(filepath.Join(s.root, filepath.FromSlash(folder), "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("the folder %s has no code", folder)
	}
	s.folders[folder] = files
	return files, nil
}

// text is a package's code as it stands, tests left out.
func (s *source) text(folder string) (string, error) {
	names, err := filepath.Glob(filepath.Join(s.root, filepath.FromSlash(folder), "*.go"))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		b.Write(text)
	}
	return b.String(), nil
}

// typeDoc is the comment before a type.
func (s *source) typeDoc(folder, name string) (string, error) {
	files, err := s.files(folder)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, spec := range g.Specs {
				t := spec.(*ast.TypeSpec)
				if t.Name.Name != name {
					continue
				}
				if t.Doc != nil {
					return t.Doc.Text(), nil
				}
				return g.Doc.Text(), nil
			}
		}
	}
	return "", fmt.Errorf("%s has no type %s", folder, name)
}

// named is a named text with the comment beside it.
type named struct{ name, typ, value, comment string }

// constants lists the text constants of a package that fit, as they stand in
// its files.
func (s *source) constants(folder string, fits func(named) bool) ([]named, error) {
	files, err := s.files(folder)
	if err != nil {
		return nil, err
	}
	var list []named
	for _, f := range files {
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, spec := range g.Specs {
					list = append(list, texts(spec.(*ast.ValueSpec))...)
				}
			}
		}
	}
	list = slices.DeleteFunc(list, func(c named) bool { return !fits(c) })
	if len(list) == 0 {
		return nil, errors.New("nothing of the kind is left in " + folder)
	}
	return list, nil
}

// texts reads the text constants of one line.
func texts(v *ast.ValueSpec) []named {
	var list []named
	for i, name := range v.Names {
		if i >= len(v.Values) {
			break
		}
		lit, ok := v.Values[i].(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			continue
		}
		value, err := strconv.Unquote(lit.Value)
		if err != nil {
			continue
		}
		c := named{name: name.Name, value: value, comment: strings.TrimSpace(v.Comment.Text())}
		if t, ok := v.Type.(*ast.Ident); ok {
			c.typ = t.Name
		}
		list = append(list, c)
	}
	return list
}

// prefixed fits exported constants by the beginning of their names.
func prefixed(prefix string) func(named) bool {
	return func(c named) bool { return strings.HasPrefix(c.name, prefix) }
}

// typed fits constants by their type.
func typed(name string) func(named) bool {
	return func(c named) bool { return c.typ == name }
}

// described makes a table of constants from sentences, and fails for one that
// has none and for a sentence of none: a page may leave nothing out.
func described(list []named, sentences map[string]string, row func(c named, text string)) error {
	known := map[string]bool{}
	for _, c := range list {
		text, ok := sentences[c.value]
		if !ok {
			return fmt.Errorf("nothing is written about %q", c.value)
		}
		known[c.value] = true
		row(c, text)
	}
	for value := range sentences {
		if !known[value] {
			return fmt.Errorf("%q is written about and is no more", value)
		}
	}
	return nil
}
