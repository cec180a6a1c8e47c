// Package console is the page at /broadcasts: people who sign in compose
// broadcasts, check them, send them and watch what becomes of them. It is
// rendered on the server. It decides nothing about broadcasts: that is
// engine/broadcast's; and it shows a person nothing but their own bot's.
package console

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/server/api"
)

// Path is where the page is; all it consists of is below it.
const Path = "/broadcasts"

// maxBody is more than any form of the page carries.
const maxBody = 1 << 20

// Config is what a Console is made of. Only Preview, Calls and Log may be nil.
type Config struct {
	Store      Store
	Tokens     Tokens
	Broadcasts Broadcasts
	Preview    Previewer                   // nil: nothing is previewed
	Calls      Calls                       // nil: no file of people is taken and none given, and nothing is saved
	Channels   map[string]channels.Channel // by kind
	// Keys sign the cookies: the first signs, each of them is believed.
	Keys      [][]byte
	PublicURL string // https makes the cookie one for https alone
	Now       func() time.Time
	Log       *slog.Logger
}

// Console is the surface at /broadcasts.
type Console struct {
	Config
	pages  *pages
	secure bool
	host   string // under which PublicURL is reached
}

// New assembles the page. It panics without keys: nobody could sign in.
func New(c Config) *Console {
	if len(c.Keys) == 0 {
		panic("console: no key to sign with")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	k := &Console{Config: c, pages: newPages()}
	if u, err := url.Parse(c.PublicURL); err == nil {
		k.secure, k.host = u.Scheme == "https", u.Host
	}
	return k
}

// Mount adds the routes.
func (k *Console) Mount(r fiber.Router) {
	r.Get(Path+"/static/:file", k.static)
	r.Get(Path+"/media/*", picture)
	r.Get(Path+"/sign-in", k.signInPage)
	r.Post(Path+"/sign-in", k.own(k.signIn))

	read := func(path string, h handler) { r.Get(Path+path, k.signedIn(h)) }
	write := func(path string, h handler) { r.Post(Path+path, k.own(k.signedIn(confirmed(h)))) }
	write("/sign-out", k.signOut)
	read("", k.list)
	read("/rows", k.rows)
	read("/new", k.compose)
	write("/new", k.create)
	write("/preview", k.preview)
	write("/reach", k.reach)
	if k.Calls != nil {
		read(listsPath, k.upload)
		write(listsPath, k.takeFile)
		read("/:id/recipients.csv", k.recipientsFile)
		write("/:id/keep", k.keep)
	}
	read("/:id", k.show)
	read("/:id/progress", k.progress)
	read("/:id/recipients", k.recipients)
	read("/:id/recipients/:contact", k.why)
	read("/:id/why", k.findWhy)
	read("/:id/edit", k.edit)
	write("/:id/edit", k.save)
	write("/:id/start", k.sure(k.start))
	write("/:id/again", k.again)
	write("/:id/delete", k.sure(k.remove))
	write("/:id/test", k.try)
	write("/:id/locks/:lock", k.unlock)
	write("/:id/:deed", k.sure(k.do))
}

// Owns reports whether the path is the page's.
func (k *Console) Owns(path string) bool { return path == Path || strings.HasPrefix(path, Path+"/") }

// MaxBody is the most a request may carry.
func (k *Console) MaxBody(path string) int {
	if path == Path+listsPath {
		return api.MaxListFile + maxBody // with the form around the file
	}
	return maxBody
}

// Fail answers with a page that says what is wrong.
func (k *Console) Fail(c *fiber.Ctx, status int, text string) error {
	return k.render(c, status, "error", &frame{Title: http.StatusText(status), Error: capital(text)})
}
