package main

import "github.com/blockcast/blockcast/blocks/expression"

// factsPart is the table of facts.
func factsPart(*source) (string, error) {
	t := newTable("fact", "type", "can be set", "is")
	for _, f := range expression.Facts() {
		t.add(code(f.Name), string(f.Type), yes(f.Writable), f.Doc)
	}
	return t.String(), nil
}

// functionsPart is the table of functions.
func functionsPart(*source) (string, error) {
	t := newTable("function", "gives", "example", "prints")
	for _, f := range expression.Functions() {
		result := ""
		if f.Result != "" {
			result = code(f.Result)
		}
		t.add(code(f.Signature), f.Doc, code(f.Example), result)
	}
	return t.String(), nil
}
