package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	o, err := readOptions(strings.Fields("-only reply,turn -seconds 2.5 -out x.json -profile here"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if !o.wants("reply") || !o.wants("turn") || o.wants("ingest") || o.out != "x.json" || o.profile != "here" {
		t.Errorf("read as %+v", o)
	}
	if s := o.span(); s.warm != 500*time.Millisecond || s.whole() != 3*time.Second {
		t.Errorf("the span is %v", s)
	}
	all, err := readOptions(nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names() {
		if !all.wants(name) {
			t.Errorf("%s does not run by itself", name)
		}
	}
	for args, want := range map[string]string{
		"-only resume": `there is no benchmark "resume"; there are: ingest, reply, reply-broadcast, api-send, broadcast-personal, broadcast-identical, freeze, estimate, turn, render`,
		"-seconds 0":   "-seconds must be between 0.1 and 600",
		"reply":        `"reply" is no flag; to run one benchmark use -only`,
	} {
		if _, err := readOptions(strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}
