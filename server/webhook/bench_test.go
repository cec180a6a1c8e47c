package webhook_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/webhook"
)

// forgetful keeps nothing of what comes in.
type forgetful struct{ *world }

func (forgetful) Accept(context.Context, *engine.Account, *channels.Received) error { return nil }

// BenchmarkReceive is one webhook of LINE's with a text, from the request as
// read to the empty answer, without what keeps it.
func BenchmarkReceive(b *testing.B) {
	w := newWorld()
	app := fiber.New(fiber.Config{Immutable: true})
	webhook.New(webhook.Config{Accounts: w, Inbox: forgetful{w}, Now: time.Now,
		Channels: map[string]channels.Channel{"line": line.New(nil, line.Config{})}}).Mount(app)
	body := said(bot, "hello")
	var c fasthttp.RequestCtx
	c.Request.Header.SetMethod(http.MethodPost)
	c.Request.SetRequestURI("/webhooks/line/a1")
	for name, value := range map[string]string{"Host": "bot.example.com", "User-Agent": "LineBotWebhook/2.0", "X-Forwarded-For": "147.92.150.192",
		"X-Forwarded-Proto": "https", "Content-Type": "application/json; charset=utf-8", "X-Line-Signature": sign(body)} {
		c.Request.Header.Set(name, value)
	}
	c.Request.SetBodyString(body)
	handle := app.Handler()
	b.ReportAllocs()
	for b.Loop() {
		c.Response.Reset()
		if handle(&c); c.Response.StatusCode() != http.StatusOK {
			b.Fatal(c.Response.StatusCode())
		}
	}
}
