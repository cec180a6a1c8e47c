package worker

import (
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
)

func TestDialReadsEveryKindOfURL(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, url, want string // want: part of the error, "" for none
	}{
		{"plain", "redis://localhost:6379/2", ""},
		{"tls", "rediss://user:secret@redis.example:6380", ""},
		{"socket", "unix:///run/redis.sock?db=1", ""},
		{"sentinel", "redis-sentinel://:secret@one:26379,two:26379/1?master=main", ""},
		{"cluster", "redis-cluster://one:7000,two:7000,three:7000", ""},
		{"cluster over tls", "rediss-cluster://user:secret@one:7000", ""},
		{"sentinel without master", "redis-sentinel://one:26379", "?master="},
		{"sentinel with a strange database", "redis-sentinel://one:26379/first?master=main", `"first" is not a number`},
		{"another scheme", "http://localhost", `begins with "http"`},
		{"no URL", "localhost:6379", "use redis,"},
		{"broken", "redis://[::1", "cannot be read"},
		{"strange database", "redis://:secret@localhost/first", "database"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client, err := dial(c.url, 4)
			if err == nil {
				defer client.Close()
			}
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want one about %s", err, c.want)
			case err != nil && strings.Contains(err.Error(), "secret"):
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestSentinelAndClusterGetAllHosts(t *testing.T) {
	t.Parallel()
	client, err := dial("redis-cluster://user:secret@one:7000,two:7001", 4)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	o := client.(*redis.ClusterClient).Options()
	if strings.Join(o.Addrs, " ") != "one:7000 two:7001" || o.Username != "user" || o.Password != "secret" || o.TLSConfig != nil {
		t.Errorf("options %+v", o)
	}
}

func TestConnectLooksAtTheEvictionPolicy(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, info, refused, logged string
	}{
		{"keeps all", "# Memory\r\nmaxmemory_policy:noeviction\r\n", "", ""},
		{"evicts", "# Memory\r\nmaxmemory_policy:allkeys-lru\r\n", "maxmemory-policy allkeys-lru", ""},
		{"does not say", "# Memory\r\n", "", "redis_policy_unknown"},
		{"may not say", "", "", "redis_policy_unknown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lines := &journal{}
			r, err := Connect(t.Context(), RedisConfig{URL: "redis://" + speak(t, c.info), Log: lines.log()})
			if err == nil {
				defer r.Close()
			}
			if c.refused == "" && err != nil || c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
				t.Errorf("error %v, want %q", err, c.refused)
			}
			if c.logged != "" && !lines.has(c.logged) || c.logged == "" && lines.has("WARN") {
				t.Errorf("log %q", lines.text.String())
			}
		})
	}
}

func TestConnectSaysThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	if _, err := Connect(t.Context(), RedisConfig{URL: "redis://127.0.0.1:1", Log: quiet()}); err == nil || !strings.Contains(err.Error(), "reach Redis") {
		t.Errorf("error %v", err)
	}
}

// speak serves a Redis that knows PING and INFO; an empty info is refused.
func speak(t *testing.T, info string) string {
	t.Helper()
	s, err := server.NewServer("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for name, answer := range map[string]server.Cmd{
		"PING": func(p *server.Peer, _ string, _ []string) { p.WriteInline("PONG") },
		"INFO": func(p *server.Peer, _ string, _ []string) {
			if info == "" {
				p.WriteError("NOPERM this user has no permissions to run the 'info' command")
				return
			}
			p.WriteBulk(info)
		},
	} {
		if err := s.Register(name, answer); err != nil {
			t.Fatal(err)
		}
	}
	return s.Addr().String()
}

func TestTheEmbeddedRedisWantsAPasswordAndLetsKeysAge(t *testing.T) {
	t.Parallel()
	m := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: m.Addr()})
	defer client.Close()
	if err := client.Set(t.Context(), "k", "v", 100*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	stop := age(m, 5*time.Millisecond)
	defer stop()
	for deadline := time.Now().Add(patience); client.Exists(t.Context(), "k").Val() == 1; {
		if time.Now().After(deadline) {
			t.Fatal("the key does not grow older")
		}
	}

	r := embed(t)
	stranger := redis.NewClient(&redis.Options{Addr: r.Client.(*redis.Client).Options().Addr})
	defer stranger.Close()
	if err := stranger.Ping(t.Context()).Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("a stranger hears %v", err)
	}
}
