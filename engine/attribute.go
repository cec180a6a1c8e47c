package engine

import "github.com/blockcast/blockcast/blocks/expression"

// Check refuses a declaration that no flow could make: of a name that templates
// have for something else, or with a default that is not of the type.
func (a *Attribute) Check() error {
	_, problems := expression.NewScope(expression.Options{Attributes: []expression.Declaration{
		{Name: a.Name, Type: expression.Type(a.Type), Default: a.Default}}})
	if len(problems) == 0 {
		return nil
	}
	p, field := problems[0], "name"
	if p.Code == expression.CodeDeclaration {
		field = "default"
	}
	return &Error{Code: Invalid, Field: field, Message: p.Message, Hint: p.Hint}
}
