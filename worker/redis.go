package worker

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	defaultSpace = "blockcast"
	defaultPool  = 64
	connectTime  = 5 * time.Second
)

// Redis is a connection that queues, bells and limiter share.
type Redis struct {
	Client redis.UniversalClient
	space  string
	close  func() error
	teller teller
}

// RedisConfig says where Redis is.
type RedisConfig struct {
	// URL is redis://, rediss:// or unix:// as usual; or, with all hosts in
	// one, redis-sentinel://[user:password@]host:port,host:port/db?master=name
	// and redis-cluster://[user:password@]host:port,host:port. The schemes
	// rediss-sentinel and rediss-cluster are the same over TLS.
	URL   string
	Space string       // before the names of queues and keys, for several installations on one Redis; "": blockcast
	Pool  int          // connections; 0: 64
	Log   *slog.Logger // nil: slog.Default()
}

// Connect opens a connection and checks that the server is there and keeps
// what it is given: one that evicts keys under memory pressure would lose
// queues, so it is refused. A server that does not tell is used with a warning.
func Connect(ctx context.Context, c RedisConfig) (*Redis, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	client, err := dial(c.URL, cmp.Or(c.Pool, defaultPool))
	if err != nil {
		return nil, err
	}
	r := &Redis{Client: client, space: cmp.Or(c.Space, defaultSpace), close: client.Close}
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	if err := r.check(ctx, c.Log); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return r, nil
}

// Ping tells whether Redis answers.
func (r *Redis) Ping(ctx context.Context) error { return r.Client.Ping(ctx).Err() }

// Close ends the connection, after the workers and bells that use it.
func (r *Redis) Close() error { return r.close() }

// queue is the full name of a queue.
func (r *Redis) queue(name string) string { return r.space + ":" + name }

func (r *Redis) check(ctx context.Context, log *slog.Logger) error {
	if err := r.Ping(ctx); err != nil {
		return fmt.Errorf("reach Redis: %w", err)
	}
	info, err := r.Client.Info(ctx, "memory").Result()
	policy := evictionPolicy(info)
	switch {
	case err != nil || policy == "":
		log.Warn("redis_policy_unknown", "hint", "make sure that maxmemory-policy is noeviction", "error", err)
	case policy != "noeviction":
		return fmt.Errorf("this Redis has maxmemory-policy %s and would throw queues away; set it to noeviction", policy)
	}
	return nil
}

// evictionPolicy reads maxmemory_policy from the answer to INFO, "" when it is
// not there.
func evictionPolicy(info string) string {
	for line := range strings.Lines(info) {
		if v, found := strings.CutPrefix(line, "maxmemory_policy:"); found {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// dial makes the client a URL asks for. Its errors never hold the URL, which
// has the password in it.
func dial(address string, pool int) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the Redis URL cannot be read; it begins with redis://, rediss://, redis-sentinel:// or redis-cluster://")
	}
	secure := strings.HasPrefix(u.Scheme, "rediss")
	switch u.Scheme {
	case "redis", "rediss", "unix":
		o, err := redis.ParseURL(address)
		if err != nil {
			return nil, fmt.Errorf("read the Redis URL: %s", strings.TrimPrefix(err.Error(), "redis: "))
		}
		o.PoolSize = max(o.PoolSize, pool)
		return redis.NewClient(o), nil
	case "redis-sentinel", "rediss-sentinel":
		return sentinel(u, secure, pool)
	case "redis-cluster", "rediss-cluster":
		password, _ := u.User.Password()
		return redis.NewClusterClient(&redis.ClusterOptions{
			Addrs:     hosts(u),
			Username:  u.User.Username(),
			Password:  password,
			PoolSize:  pool,
			TLSConfig: security(secure),
		}), nil
	}
	return nil, fmt.Errorf("the Redis URL begins with %q; use redis, rediss, unix, redis-sentinel or redis-cluster", u.Scheme)
}

func sentinel(u *url.URL, secure bool, pool int) (redis.UniversalClient, error) {
	master := u.Query().Get("master")
	if master == "" {
		return nil, errors.New("the Redis URL names no master; add ?master=<name>")
	}
	db := 0
	if path := strings.Trim(u.Path, "/"); path != "" {
		n, err := strconv.Atoi(path)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("the Redis URL's database %q is not a number", path)
		}
		db = n
	}
	password, _ := u.User.Password()
	return redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName:       master,
		SentinelAddrs:    hosts(u),
		SentinelUsername: u.Query().Get("sentinel_username"),
		SentinelPassword: u.Query().Get("sentinel_password"),
		Username:         u.User.Username(),
		Password:         password,
		DB:               db,
		PoolSize:         pool,
		TLSConfig:        security(secure),
	}), nil
}

func hosts(u *url.URL) []string { return strings.Split(u.Host, ",") }

// security is nil without TLS. The client fills in each host's name.
func security(secure bool) *tls.Config {
	if !secure {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}
