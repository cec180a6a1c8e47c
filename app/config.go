package app

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Config is everything an instance can be told. Each field comes from its
// flag, else from BLOCKCAST_<NAME> in the environment, else from the
// configuration file, else its default; a secret also from the file that
// BLOCKCAST_<NAME>_FILE names.
type Config struct {
	Data      string `setting:"" default:"blockcast-data" type:"path" help:"Folder of the embedded database and key."`
	MediaDir  string `setting:"" name:"media-dir" type:"path" placeholder:"FOLDER" help:"Folder of uploaded files and of those people send; all processes need the same one. Default: media in the data folder."`
	PublicURL string `setting:"" name:"public-url" placeholder:"URL" help:"Where platforms reach this instance, as in https://bots.example.com. Default: the listening address."`

	DatabaseURL   string `setting:"secret" name:"database-url" placeholder:"URL" group:"Production" help:"Postgres, as in postgres://user:password@host/name. Default: an embedded SQLite file."`
	DatabaseConns int    `setting:"" name:"database-conns" default:"32" group:"Production" help:"Connections to Postgres that one process opens."`
	RedisURL      string `setting:"secret" name:"redis-url" placeholder:"URL" group:"Production" help:"Redis: redis://, rediss://, redis-sentinel://…?master=name or redis-cluster://. Default: one inside this process."`
	RedisSpace    string `setting:"" name:"redis-space" default:"blockcast" group:"Production" help:"Before the names of queues and keys, for several installations on one Redis."`
	SecretKey     string `setting:"secret" name:"secret-key" placeholder:"KEY,…" group:"Production" help:"Keys that seal secrets: the first one seals, all open. Default with SQLite: made once in the data folder."`

	Poll    time.Duration `setting:"" placeholder:"TIME" group:"Work" help:"How often an empty queue is looked at of which Redis has said nothing. Default: 1s."`
	Replies int           `setting:"" default:"64" group:"Work" help:"Contacts answered at once."`
	Sends   int           `setting:"" default:"64" group:"Work" help:"Deliveries sent at once."`
	Bulk    int           `setting:"" default:"16" group:"Work" help:"Other jobs at once."`
	Grace   time.Duration `setting:"" default:"10s" group:"Work" help:"How long a stop waits for running work."`
	Drain   time.Duration `setting:"" default:"0s" group:"Work" help:"How long a stopping server still answers while /readyz says no, so that balancers notice."`

	Calls        int `setting:"" name:"calls" default:"200" group:"Network" help:"API calls a token may make in a second; as many again at once after a quiet one. 0: as many as it likes."`
	ForeignCalls int `setting:"" name:"foreign-calls" default:"0" group:"Network" help:"The same for the calls of AhaChat, Chatfuel, BotBonnie and FIRST LINE, whose callers seldom try again, and of Omnichat, where 0 is 40 and a bot's tokens share it: its callers know 429."`

	ChannelURL map[string]string `setting:"" name:"channel-url" placeholder:"LINE=URL" group:"Network" help:"Another base URL for a platform's API, as in line=http://127.0.0.1:9000/line."`
	AllowHost  []string          `setting:"" name:"allow-host" placeholder:"HOST" group:"Network" help:"Hosts of private networks that requests of flows and webhooks may call, as in crm.internal or 10.0.0.5:8080."`

	LogLevel  string `setting:"" name:"log-level" enum:"debug,info,warn,error" default:"info" group:"Log" help:"What the log holds: ${enum}."`
	LogFormat string `setting:"" name:"log-format" enum:"text,json" default:"text" group:"Log" help:"How the log is written: ${enum}."`
}

// Limits of the numbers.
const (
	maxConcurrency = 10_000
	maxCalls       = 1_000_000
	minPoll        = time.Millisecond
	maxPoll        = 10 * time.Second
	maxGrace       = 10 * time.Minute
)

// embedded reports whether the database lives in the data folder, which then
// belongs to one process at a time.
func (c *Config) embedded() bool { return c.DatabaseURL == "" }

// check names every setting that cannot be.
func (c *Config) check(channelKinds []string) error {
	var problems []error
	bad := func(setting, format string, args ...any) {
		problems = append(problems, fmt.Errorf("--%s %s", setting, fmt.Sprintf(format, args...)))
	}
	if c.PublicURL != "" && !isBaseURL(c.PublicURL) {
		bad("public-url", "must be an address like https://bots.example.com, without query")
	}
	if c.DatabaseURL != "" && !strings.HasPrefix(c.DatabaseURL, "postgres://") && !strings.HasPrefix(c.DatabaseURL, "postgresql://") {
		bad("database-url", "must begin with postgres://")
	}
	if c.DatabaseURL != "" && c.SecretKey == "" {
		bad("secret-key", "is required with --database-url: every process must have the same key. Make one with: openssl rand -base64 32")
	}
	if strings.ContainsAny(c.RedisSpace, "{} ") || c.RedisSpace == "" {
		bad("redis-space", "must be a word without braces")
	}
	for name, n := range map[string]int{"replies": c.Replies, "sends": c.Sends, "bulk": c.Bulk, "database-conns": c.DatabaseConns} {
		if n < 1 || n > maxConcurrency {
			bad(name, "must be between 1 and %d", maxConcurrency)
		}
	}
	for name, n := range map[string]int{"calls": c.Calls, "foreign-calls": c.ForeignCalls} {
		if n < 0 || n > maxCalls {
			bad(name, "must be between 0 and %d", maxCalls)
		}
	}
	if c.Poll != 0 && (c.Poll < minPoll || c.Poll > maxPoll) {
		bad("poll", "must be between %v and %v", minPoll, maxPoll)
	}
	for name, d := range map[string]time.Duration{"grace": c.Grace, "drain": c.Drain} {
		if d < 0 || d > maxGrace {
			bad(name, "must be at most %v", maxGrace)
		}
	}
	for kind, address := range c.ChannelURL {
		switch {
		case !slices.Contains(channelKinds, kind):
			bad("channel-url", "names the channel %q; there are: %s", kind, strings.Join(channelKinds, ", "))
		case !isBaseURL(address):
			bad("channel-url", "of %s must be an address like https://api.example.com", kind)
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(problems...)
}

func isBaseURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

// publicURL is where platforms reach an instance that listens at an address.
func (c *Config) publicURL(listening net.Addr) string {
	if c.PublicURL != "" {
		return strings.TrimRight(c.PublicURL, "/")
	}
	return "http://" + reachable(listening)
}

// reachable is the address a program on this machine finds a listener at.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
