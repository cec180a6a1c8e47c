package omnichat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
	"github.com/blockcast/blockcast/server/token"
)

// caller is who calls, with what the call brings.
type caller struct {
	token *engine.Token
	bot   *engine.Bot
	given lenient.Params
}

// caller reads a call and finds out whose it is. The bot is the token's.
func (s *Surface) caller(c *fiber.Ctx, scope string) (*caller, error) {
	secret := token.Bearer(c.Get(fiber.HeaderAuthorization))
	if secret == "" {
		return nil, lenient.Denied(token.Missing)
	}
	t, err := token.Find(c.UserContext(), s.Tokens, secret, s.Now())
	if err == nil {
		err = lenient.Judge(t, scope)
	}
	if err != nil {
		return nil, err
	}
	given, err := lenient.Read(lenient.Of(c))
	if err != nil {
		return nil, err
	}
	bot, err := s.Bots.Bot(c.UserContext(), t.BotID)
	if err != nil {
		return nil, err
	}
	return &caller{t, bot, given}, nil
}

// wrong is all that is wrong with a call's body; each text begins with its
// field.
type wrong struct {
	texts   []string
	mistype bool // one of them is about a value of another type
}

func (w *wrong) add(format string, args ...any) {
	w.texts = append(w.texts, fmt.Sprintf(format, args...))
}

// mistyped adds that a value is of another type.
func (w *wrong) mistyped(format string, args ...any) {
	w.add(format, args...)
	w.mistype = true
}

// err tells all of it, nil when there is nothing.
func (w *wrong) err() error { return w.as(codeBody) }

// typed is err for the calls about contacts, which alone have a code for values
// of another type. It is told before what else is wrong.
func (w *wrong) typed() error {
	if w.mistype {
		return w.as(codeMismatch)
	}
	return w.as(codeBody)
}

func (w *wrong) as(code string) error {
	if len(w.texts) == 0 {
		return nil
	}
	return refuse(fiber.StatusBadRequest, code, "%s", strings.Join(w.texts, "; "))
}

// about tells whether something is wrong with a field.
func (w *wrong) about(field string) bool {
	return slices.ContainsFunc(w.texts, func(text string) bool { return strings.HasPrefix(text, field) })
}

// needed is a text that must be there.
func (w *wrong) needed(given lenient.Params, field, what string) string {
	switch given[field].(type) {
	case map[string]any, []any, bool:
		w.mistyped("%s must be a text", field)
		return ""
	}
	s := given.Text(field)
	if s == "" {
		w.add("%s is missing: %s", field, what)
	}
	return s
}

// list is a list of texts, none of them empty; nil when it is not there.
func (w *wrong) list(given lenient.Params, field string, most int) []string {
	list, ok := given[field].([]any)
	switch {
	case given[field] == nil:
		return nil
	case !ok:
		w.mistyped("%s must be a list of texts", field)
		return nil
	case len(list) > most:
		w.add("%s has %d entries: a call may have %d", field, len(list), most)
		return nil
	}
	out := make([]string, len(list))
	for i, v := range list {
		switch v.(type) {
		case map[string]any, []any, bool:
			w.mistyped("%s[%d] must be a text", field, i)
		}
		if out[i] = strings.TrimSpace(lenient.Text(v)); lenient.Absent(v) || out[i] == "" {
			w.add("%s[%d] is empty", field, i)
		}
	}
	return out
}

// place is a page that was asked for.
type place struct{ page, size int }

// maxPage is so far that nobody means it, and nothing counts beyond.
const maxPage = 1_000_000

// placeOf reads page and pageSize.
func placeOf(given lenient.Params) (place, error) {
	p := place{1, 10}
	for _, v := range []struct {
		name string
		most int
		to   *int
	}{{"page", maxPage, &p.page}, {"pageSize", 100, &p.size}} {
		text := given.Text(v.name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			return p, refuse(fiber.StatusBadRequest, codeMismatch, "%s must be a whole number, not %q", v.name, cut(text))
		case n < 1 || n > v.most:
			return p, refuse(fiber.StatusBadRequest, codeParameter, "%s is %d: it may be 1 to %d", v.name, n, v.most)
		}
		*v.to = n
	}
	return p, nil
}

func (p place) offset() int { return (p.page - 1) * p.size }

// cut is what of a caller's text is said back.
func cut(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
