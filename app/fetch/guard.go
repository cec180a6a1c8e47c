// Package fetch calls the URLs that authors of flows write. Such a call leaves
// from inside the operator's network, so it may reach only the public internet
// and hosts the operator has listed. It knows requests and addresses, and no
// flow.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// dialTime bounds one attempt at a connection.
const dialTime = 5 * time.Second

// ErrGuarded means that an address is not of the public internet.
var ErrGuarded = errors.New("the address belongs to a private or reserved network")

// reserved lists networks of no public host that netip has no name for.
// Transition networks are among them, since they reach any address of IPv4.
func reserved() []netip.Prefix {
	list := []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32",
		"2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	}
	prefixes := make([]netip.Prefix, len(list))
	for i, p := range list {
		prefixes[i] = netip.MustParsePrefix(p)
	}
	return prefixes
}

// guard decides which addresses a call may reach.
type guard struct {
	reserved []netip.Prefix
	allowed  map[string]bool // hosts, and hosts with a port
	plain    net.Dialer
	checked  net.Dialer
}

func newGuard(allow []string) *guard {
	g := &guard{reserved: reserved(), allowed: map[string]bool{}}
	for _, host := range allow {
		g.allowed[strings.ToLower(strings.TrimSpace(host))] = true
	}
	g.plain = net.Dialer{Timeout: dialTime}
	g.checked = net.Dialer{Timeout: dialTime, Control: func(_, address string, _ syscall.RawConn) error {
		return g.check(address)
	}}
	return g
}

// dial connects to a host. The check comes after the name was resolved and
// sees the address that is really used, so that a name cannot change its mind
// in between.
func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if g.allowed[strings.ToLower(host)] || g.allowed[strings.ToLower(address)] {
		return g.plain.DialContext(ctx, network, address)
	}
	conn, err := g.checked.DialContext(ctx, network, address)
	if op, ok := errors.AsType[*net.OpError](err); ok && errors.Is(op.Err, ErrGuarded) {
		return nil, opens(op.Err, address)
	}
	return conn, err
}

// opens adds to an error of the guard what would open the host.
func opens(err error, address string) error {
	return fmt.Errorf("%w (the server's setting --allow-host %s opens it)", err, address)
}

// judge returns why a host that stands in a URL cannot be called, where that is
// certain without looking its name up.
func (g *guard) judge(u *url.URL) error {
	host := strings.ToLower(u.Hostname())
	if g.allowed[host] || g.allowed[net.JoinHostPort(host, portOf(u))] {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err == nil:
		err = g.check(netip.AddrPortFrom(ip, 0).String())
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		err = fmt.Errorf("%w: this machine", ErrGuarded)
	default:
		return nil
	}
	switch {
	case err == nil:
		return nil
	case u.Port() == "":
		return opens(err, host)
	}
	return opens(err, strings.ToLower(u.Host))
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

func (g *guard) check(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrGuarded, address)
	}
	ip := a.Addr().WithZone("")
	if ip.Is4In6() || !ip.IsGlobalUnicast() || ip.IsPrivate() || g.isReserved(ip) {
		return fmt.Errorf("%w: %s", ErrGuarded, ip)
	}
	return nil
}

func (g *guard) isReserved(ip netip.Addr) bool {
	for _, p := range g.reserved {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}
