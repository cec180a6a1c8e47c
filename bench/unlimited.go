package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// limitsFile holds what the channel LINE allows of an account.
const limitsFile = "channels/line/limits.go"

// unlimited is a lab whose program knows no rate of LINE's, as the platform
// played here has none.
func (l *lab) unlimited(ctx context.Context) (*lab, error) {
	text, err := os.ReadFile(filepath.Join(l.root, limitsFile))
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"pushPerSecond", "multicastPerSecond"} {
		changed := lifted(text, name)
		if bytes.Equal(changed, text) {
			return nil, fmt.Errorf("%s does not say %s: the limit cannot be lifted", limitsFile, name)
		}
		text = changed
	}
	source := filepath.Join(l.scratch, "limits.go")
	if err := os.WriteFile(source, text, 0o600); err != nil {
		return nil, err
	}
	out := *l
	out.program = ""
	out.replaced = map[string]string{filepath.Join(l.root, limitsFile): source}
	return &out, out.build(ctx)
}

// lifted is Go source in which a named number is 0.
func lifted(source []byte, name string) []byte {
	return regexp.MustCompile(`(?m)^(\s*`+regexp.QuoteMeta(name)+`\s*= )\d+`).ReplaceAll(source, []byte("${1}0"))
}
