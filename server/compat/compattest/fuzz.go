package compattest

import (
	"errors"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/blockcast/blockcast/blocks/goldentest"
)

// Fuzz holds a surface to its form whatever is sent: every POST and GET of the
// goldens is a seed. check is told each answer's status and body, and says what is
// wrong with them.
func Fuzz(f *testing.F, c Config, check func(status int, answer []byte) error) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no goldens: %v", err)
	}
	for _, file := range files {
		var calls []exchange
		goldentest.Read(f, file, &calls)
		for _, e := range calls {
			if (e.Method == http.MethodPost || e.Method == http.MethodGet) && e.Raw == "" {
				f.Add(e.Method == http.MethodGet, e.Path, e.Headers["Authorization"], e.Headers["Content-Type"], e.Body+string(e.JSON))
			}
		}
	}
	w := c.World()
	surface := c.Surface(w)
	app := fiber.New(fiber.Config{Immutable: true, ErrorHandler: func(ctx *fiber.Ctx, err error) error {
		status := http.StatusInternalServerError
		if known := (*fiber.Error)(nil); errors.As(err, &known) {
			status = known.Code
		}
		return surface.Fail(ctx, status, "this cannot be served")
	}})
	surface.Mount(app)
	serve, secrets := app.Handler(), c.secrets()
	f.Fuzz(func(t *testing.T, get bool, target, authorization, kind, body string) {
		w.Forget()
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.SetMethod(http.MethodPost)
		if get {
			ctx.Request.Header.SetMethod(http.MethodGet)
		}
		ctx.Request.SetRequestURI(secrets.Replace(target))
		ctx.Request.Header.Set(fiber.HeaderAuthorization, secrets.Replace(authorization))
		ctx.Request.Header.SetContentType(kind)
		ctx.Request.SetBodyString(secrets.Replace(body))
		serve(&ctx)
		status, answer := ctx.Response.StatusCode(), ctx.Response.Body()
		if err := check(status, answer); err != nil {
			t.Errorf("%d %s: %v", status, answer, err)
		}
	})
}
