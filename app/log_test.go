package app

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestTheLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			newLog(&b, slog.LevelInfo, format).Info("call",
				"channel_access_token", "s3cret",
				"Authorization", "Bearer s3cret",
				"url", "https://host/api/bots/1/phones/send?ahachat_token=s3cret&phone=0912",
				"error", errors.New(`dial postgres://user:s3cret@host/db: "Bearer s3cret" refused`),
				slog.Group("request", "password", "s3cret"),
				"token_name", "shop", "took", 3*time.Millisecond)
			line := b.String()
			if strings.Contains(line, "s3cret") {
				t.Errorf("a secret in %s", line)
			}
			for _, want := range []string{"phone=0912", "host/db", "shop", "user:"} {
				if !strings.Contains(line, want) {
					t.Errorf("%q is missing in %s", want, line)
				}
			}
		})
	}
}

func TestRedactText(t *testing.T) {
	t.Parallel()
	cases := []struct{ in, want string }{
		{"", ""},
		{"plain: text = fine", "plain: text = fine"},
		{"?chatfuel_token=a&x=1", "?chatfuel_token=********&x=1"},
		{"redis://:pw@host:6379/0", "redis://:********@host:6379/0"},
		{"authorization: bearer abc.def", "authorization: bearer ********"},
		{"đơn hàng token=bí-mật xong", "đơn hàng token=******** xong"},
	}
	for _, c := range cases {
		if got := redactText(c.in); got != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
}

func TestRedactURL(t *testing.T) {
	t.Parallel()
	cases := []struct{ in, want string }{
		{"postgres://user:pw@host/db?sslmode=disable", "postgres://user:********@host/db?sslmode=disable"},
		{"redis://host", "redis://host"},
		{"redis-sentinel://:pw@a,b?master=m&sentinel_password=x", "redis-sentinel://:********@a,b?master=m&sentinel_password=********"},
		{"postgres://%zz", masked},
	}
	for _, c := range cases {
		if got := redactURL(c.in); got != c.want {
			t.Errorf("%q became %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzRedactText(f *testing.F) {
	f.Add("a_token=s3cret&b=1")
	f.Fuzz(func(t *testing.T, s string) {
		if out := redactText(s + " my_token=s3cretive "); strings.Contains(out, "s3cretive") {
			t.Errorf("%q shows it", out)
		}
	})
}
