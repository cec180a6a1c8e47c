package app

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// mistyped says where to look after a command line that cannot be read: which
// commands there are where an unknown one was typed, else what tells more.
func mistyped(err error) string {
	said := err.Error()
	var wrong *kong.ParseError
	if !errors.As(err, &wrong) || !strings.HasPrefix(said, "unexpected argument") {
		return said
	}
	at := wrong.Context.Model.Node
	for _, step := range wrong.Context.Path {
		if step.Command != nil {
			at = step.Command
		}
	}
	var names []string
	for _, child := range at.Children {
		if !child.Hidden {
			names = append(names, child.Name)
		}
	}
	if at.Parent != nil && len(names) > 0 {
		return fmt.Sprintf("%s\n  %s has %s", said, at.FullPath(), strings.Join(names, ", "))
	}
	return fmt.Sprintf("%s\n  %s --help tells what there is", said, at.FullPath())
}
