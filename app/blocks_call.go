package app

import (
	"context"
	"strings"
)

type blocksCall struct {
	botConnection `embed:""`
	Block         string `arg:"" help:"The block's name, id or alias."`
}

// callsView is a block with calls that send it.
type callsView struct {
	blockView
	Calls struct {
		Native      string `json:"native"`
		AhaChat     string `json:"ahachat"`
		AhaChatUser string `json:"ahachat_user"`
	} `json:"calls"`
}

func (c *blocksCall) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("blocks", c.Block))
		v, err := decode[callsView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			for _, call := range []struct{ how, line string }{
				{"From this command line", "blockcast sends send " + v.arguments()},
				{"By the API", v.Calls.Native},
				{"By AhaChat's call, to a phone number", v.Calls.AhaChat},
				{"By AhaChat's call, to a platform's id", v.Calls.AhaChatUser},
			} {
				if err := s.line("# %s\n%s\n", call.how, call.line); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// arguments name the block, somebody, and what the block needs.
func (v *callsView) arguments() string {
	words := []string{shellQuoted(v.Name), "--phone 0900000000"}
	for _, name := range v.Needs {
		words = append(words, "--set "+shellQuoted(name+"=…"))
	}
	return strings.Join(words, " ")
}

// shellQuoted is a word as every shell takes it.
func shellQuoted(word string) string {
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
