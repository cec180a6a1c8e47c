package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/problem"
	"github.com/blockcast/blockcast/server/token"
)

// cookieName is the session's. A cookie belongs to a host whatever its port.
const cookieName = "blockcast_console"

// sessionLife is how long somebody stays signed in, at most: revoking their
// token signs them out at once.
const sessionLife = 12 * time.Hour

// What the keys sign, each kind apart from the others.
const (
	signsSession = "session"
	signsWrites  = "writes"
)

// csrfField carries the session's proof that a write comes from the page.
const (
	csrfField  = "csrf"
	csrfHeader = "X-CSRF-Token"
)

// session is a person who has signed in.
type session struct {
	Bot   *engine.Bot
	Token *engine.Token
	CSRF  string
}

// ticket is what a cookie says.
type ticket struct {
	Hash string `json:"h"` // of the token
	Ends int64  `json:"e"` // Unix time
}

// handler answers somebody who has signed in.
type handler func(c *fiber.Ctx, s *session) error

// own refuses what another site lets a browser send.
func (k *Console) own(next fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
			return foreign()
		}
		if origin := c.Get(fiber.HeaderOrigin); origin != "" {
			u, err := url.Parse(origin)
			if err != nil || u.Host != string(c.Request().Host()) && u.Host != k.host {
				return foreign()
			}
		}
		return next(c)
	}
}

func foreign() error {
	return problem.New(fiber.StatusForbidden, "this was sent by another site: open the page itself and try again")
}

// signedIn lets those through who have signed in, and sends others to the door.
func (k *Console) signedIn(next handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		s, err := k.session(c)
		switch {
		case err != nil:
			return err
		case s != nil:
			return next(c, s)
		case c.Method() != fiber.MethodGet || c.Get("X-Requested-With") != "":
			return problem.New(fiber.StatusUnauthorized, "you are not signed in any more: open the page again")
		}
		return c.Redirect(Path+"/sign-in", fiber.StatusSeeOther)
	}
}

// confirmed lets only writes through that the page itself has made for this
// session.
func confirmed(next handler) handler {
	return func(c *fiber.Ctx, s *session) error {
		given := c.Get(csrfHeader)
		if given == "" {
			given = c.FormValue(csrfField)
		}
		if !hmac.Equal([]byte(given), []byte(s.CSRF)) {
			return problem.New(fiber.StatusForbidden, "this form is from before you signed in: go back, reload the page and try again")
		}
		return next(c, s)
	}
}

// session is who a request's cookie stands for, nil for nobody.
func (k *Console) session(c *fiber.Ctx) (*session, error) {
	cookie := c.Cookies(cookieName)
	var t ticket
	if !k.opened(cookie, &t) || k.Now().Unix() >= t.Ends {
		return nil, nil
	}
	ctx := c.UserContext()
	who, err := k.Tokens.Token(ctx, t.Hash, k.Now())
	if err != nil || who == nil || !mayEnter(who) {
		return nil, err
	}
	bot, err := k.Store.Bot(ctx, who.BotID)
	if engine.IsCode(err, engine.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &session{Bot: bot, Token: who, CSRF: encoded(k.signature(k.Keys[0], signsWrites, cookie))}, nil
}

// mayEnter reports whether a token opens the page: one of a bot that may send
// broadcasts.
func mayEnter(t *engine.Token) bool {
	return t.BotID != "" && token.Allows(t, engine.ScopeBroadcasts)
}

// seal is the cookie of a token, and when it ends.
func (k *Console) seal(t *engine.Token) (cookie string, ends time.Time) {
	ends = k.Now().Add(sessionLife)
	if !t.ValidUntil.IsZero() && t.ValidUntil.Before(ends) {
		ends = t.ValidUntil
	}
	text, err := json.Marshal(ticket{t.Hash, ends.Unix()})
	if err != nil {
		panic("console: " + err.Error()) // a string and a number
	}
	said := encoded(text)
	return said + "." + encoded(k.signature(k.Keys[0], signsSession, said)), ends
}

// opened reads a cookie that one of the keys has signed.
func (k *Console) opened(cookie string, t *ticket) bool {
	said, signed, ok := strings.Cut(cookie, ".")
	if !ok {
		return false
	}
	given, err := base64.RawURLEncoding.DecodeString(signed)
	if err != nil || !slices.ContainsFunc(k.Keys, func(key []byte) bool { return hmac.Equal(given, k.signature(key, signsSession, said)) }) {
		return false
	}
	text, err := base64.RawURLEncoding.DecodeString(said)
	return err == nil && json.Unmarshal(text, t) == nil
}

func (k *Console) signature(key []byte, use, said string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(use + "\n" + said))
	return h.Sum(nil)
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (k *Console) setCookie(c *fiber.Ctx, value string, ends time.Time) {
	c.Cookie(&fiber.Cookie{Name: cookieName, Value: value, Path: Path, Expires: ends, HTTPOnly: true, Secure: k.secure, SameSite: fiber.CookieSameSiteLaxMode})
}
