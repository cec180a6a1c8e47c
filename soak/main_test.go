package main

import (
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
)

func TestReadOptions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want options
		says string
	}{
		"nothing":    {nil, options{kills: 100, seed: 1, rate: 25, people: 100_000}, ""},
		"all":        {[]string{"-only", "kills, disk-full", "-kills", "7", "-seed", "9", "-rate", "5", "-people", "5000", "-short", "-keep", "logs"}, options{[]string{"kills", "disk-full"}, 7, 9, 5, 5000, true, "logs"}, ""},
		"an unknown": {[]string{"-only", "fire"}, options{}, `there is no scenario "fire"; there are: kills, kills-embedded`},
		"no kills":   {[]string{"-kills", "0"}, options{}, "-kills must be between 1 and"},
		"no rate":    {[]string{"-rate", "0"}, options{}, "-rate must be between 1 and"},
		"no people":  {[]string{"-people", "0"}, options{}, "-people must be between 100 and"},
		"no flag":    {[]string{"kills"}, options{}, `"kills" is no flag`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readOptions(c.args, io.Discard)
			switch {
			case c.says == "" && (err != nil || !reflect.DeepEqual(got, c.want)):
				t.Errorf("%+v %v, want %+v", got, err, c.want)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

// A closed gate breaks what is under way, refuses what comes, and opens again
// at the same address.
func TestGate(t *testing.T) {
	t.Parallel()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	g, err := newGate(server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	echoes := func(c net.Conn) bool {
		answer := make([]byte, 2)
		_, err := c.Write([]byte("hi"))
		if err == nil {
			_, err = io.ReadFull(c, answer)
		}
		return err == nil && string(answer) == "hi"
	}
	c, err := net.Dial("tcp", g.address)
	if err != nil || !echoes(c) {
		t.Fatalf("an open gate does not pass: %v", err)
	}
	g.close()
	if echoes(c) {
		t.Error("a closed gate passes what was under way")
	}
	if c, err := net.Dial("tcp", g.address); err == nil && echoes(c) {
		t.Error("a closed gate lets somebody in")
	}
	if err := g.open(); err != nil {
		t.Fatal(err)
	}
	c, err = net.Dial("tcp", g.address)
	if err != nil || !echoes(c) {
		t.Errorf("a gate that was opened again does not pass: %v", err)
	}
}
