package console

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/token"
)

// A link signs one person in, once: it holds the secret of a token whose name
// begins with LinkName, and the session goes on with another secret that nobody
// has. Revoking the token, by its name, signs the person out.
const (
	LinkName    = "console link"
	LinkLife    = 15 * time.Minute // in which a link must be used
	SessionLife = sessionLife      // what the link's token is good for
)

// Link is the address that signs in by the secret of a link. The secret is
// behind a #: browsers do not send that, so no log has it, and who looks at
// links before people do cannot use it up.
func Link(base, secret string) string { return base + Path + "/sign-in#" + secret }

// signInPage asks for a token.
func (k *Console) signInPage(c *fiber.Ctx) error {
	return k.render(c, fiber.StatusOK, "signin", &frame{Title: "Sign in"})
}

// signIn begins a session.
func (k *Console) signIn(c *fiber.Ctx) error {
	ctx, now := c.UserContext(), k.Now()
	t, err := token.Find(ctx, k.Tokens, strings.TrimSpace(c.FormValue("token")), now)
	if err != nil {
		return err
	}
	switch {
	case t == nil:
		return k.refuse(c, "This token is not known here, or is not good any more. A link works once: print another with blockcast console.")
	case t.BotID == "":
		return k.refuse(c, "This token stands above all bots. Sign in with one of the bot's own, or with a link from blockcast console.")
	case !mayEnter(t):
		return k.refuse(c, "This token may not send broadcasts. Make one that may: blockcast tokens create NAME --scope broadcasts")
	}
	if isLink(t) {
		if now.Sub(t.CreatedAt) > LinkLife {
			return k.refuse(c, "This link is too old. Print another with blockcast console.")
		}
		used, err := k.Tokens.RotateToken(ctx, t.BotID, t.Hash, token.Hash(token.NewSecret()), now, now)
		if engine.IsCode(err, engine.NotFound) {
			return k.refuse(c, "This link has been used. Print another with blockcast console.")
		}
		if err != nil {
			return err
		}
		t = &used
	}
	cookie, ends := k.seal(t)
	k.setCookie(c, cookie, ends)
	k.Log.Info("signed in", "bot_id", t.BotID, "token_name", t.Name)
	return c.Redirect(Path, fiber.StatusSeeOther)
}

func isLink(t *engine.Token) bool {
	rest, is := strings.CutPrefix(t.Name, LinkName)
	return is && (rest == "" || rest[0] == ' ')
}

func (k *Console) refuse(c *fiber.Ctx, why string) error {
	return k.render(c, fiber.StatusForbidden, "signin", &frame{Title: "Sign in", Error: why})
}

// signOut ends the session in this browser.
func (k *Console) signOut(c *fiber.Ctx, _ *session) error {
	k.setCookie(c, "", time.Unix(1, 0))
	return c.Redirect(Path+"/sign-in", fiber.StatusSeeOther)
}
