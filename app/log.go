package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
)

// masked stands where a secret was.
const masked = "********"

// newLog returns the log of a process, in lines for people or in JSON, which
// leaves secrets out of every line.
func newLog(w io.Writer, level slog.Level, format string) *slog.Logger {
	o := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// redact hides the values of keys that name a secret, and secrets inside URLs.
func redact(_ []string, a slog.Attr) slog.Attr {
	if secretKey(a.Key) {
		return slog.String(a.Key, masked)
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, redactText(a.Value.String()))
	case slog.KindAny:
	default: // numbers and times, which most of a line is
		return a
	}
	switch v := a.Value.Any().(type) {
	case error:
		return slog.String(a.Key, redactText(v.Error()))
	case fmt.Stringer:
		if _, plain := v.(slog.Leveler); !plain {
			return slog.String(a.Key, redactText(v.String()))
		}
	}
	return a
}

func secretKey(key string) bool {
	key = strings.ToLower(key)
	for _, part := range []string{"token", "secret", "password", "authorization", "cookie"} {
		if strings.Contains(key, part) && !strings.HasSuffix(key, "_name") && !strings.HasSuffix(key, "_id") {
			return true
		}
	}
	return false
}

// secretsInText finds what must not be shown in free text: tokens in queries,
// passwords in URLs and bearer tokens.
var secretsInText = regexp.MustCompile(`(?i)([a-z0-9_]*(?:token|secret|password)=)[^&\s"']+|(://[^/\s:@]*:)[^/\s@]+@|(bearer\s+)[^\s"',]+`)

// redactText hides secrets inside free text.
func redactText(s string) string {
	if !strings.ContainsAny(s, "=:") && !strings.Contains(strings.ToLower(s), "bearer") {
		return s
	}
	return secretsInText.ReplaceAllStringFunc(s, func(m string) string {
		g := secretsInText.FindStringSubmatch(m)
		if g[2] != "" {
			return g[2] + masked + "@"
		}
		return g[1] + g[3] + masked
	})
}

// redactURL hides the password of a URL.
func redactURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return masked
	}
	if _, set := u.User.Password(); set {
		u.User = url.UserPassword(u.User.Username(), masked)
	}
	return strings.ReplaceAll(redactText(u.String()), url.QueryEscape(masked), masked)
}
