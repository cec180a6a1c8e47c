package main

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"

	"github.com/blockcast/blockcast/app"
)

// settingsPart is the table of all settings, from the one struct that holds
// them.
func settingsPart(*source) (string, error) {
	t := newTable("setting", "default", "what it is")
	typ := reflect.TypeFor[app.Config]()
	group := ""
	for i := range typ.NumField() {
		f := typ.Field(i)
		if _, is := f.Tag.Lookup("setting"); !is {
			continue
		}
		if g := f.Tag.Get("group"); g != group {
			group = g
			t.add("**"+g+"**", "", "")
		}
		help := strings.ReplaceAll(f.Tag.Get("help"), "${enum}", strings.ReplaceAll(f.Tag.Get("enum"), ",", ", "))
		if f.Tag.Get("setting") == "secret" {
			help += " A secret."
		}
		if help == "" {
			return "", fmt.Errorf("%s has no help", f.Name)
		}
		fallback := ""
		if d := f.Tag.Get("default"); d != "" {
			fallback = code(d)
		}
		t.add(code(flagName(f)), fallback, help)
	}
	return t.String(), nil
}

// flagName is the name of a field's flag without dashes before it: its own, or
// made of the field's as the command line makes it.
func flagName(f reflect.StructField) string {
	if name := f.Tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	for i, r := range f.Name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// serveSettings is the table of what serve alone knows.
func serveSettings(*source) (string, error) {
	common, err := flagsOf("config")
	if err != nil {
		return "", err
	}
	all, err := flagsOf("serve")
	if err != nil {
		return "", err
	}
	known := map[string]bool{}
	for _, f := range common {
		known[f.name] = true
	}
	return flagTable(all, func(f flagHelp) bool { return !known[f.name] })
}

// clientSettings is the table of what says which server a command talks to.
func clientSettings(*source) (string, error) {
	all, err := flagsOf("sends", "list")
	if err != nil {
		return "", err
	}
	server := map[string]bool{"--data": true, "--url": true, "--token": true, "--json": true, "--bot": true}
	return flagTable(all, func(f flagHelp) bool { return server[f.name] })
}

func flagTable(list []flagHelp, wanted func(flagHelp) bool) (string, error) {
	t := newTable("flag", "what it does")
	for _, f := range list {
		if wanted(f) {
			t.add(code(f.shown), f.help)
		}
	}
	if t.rows == 0 {
		return "", fmt.Errorf("none of the flags is there any more")
	}
	return t.String(), nil
}

// flagHelp is one flag as a command's help shows it.
type flagHelp struct{ name, shown, help string }

// flagLine begins a flag in a command's help.
var flagLine = regexp.MustCompile(`^ +(?:-h, )?((--[a-z-]+)\S*)(?: {2,}(.*))?$`)

// flagsOf reads a command's flags from its help.
func flagsOf(command ...string) ([]flagHelp, error) {
	text, err := help(command...)
	if err != nil {
		return nil, err
	}
	var list []flagHelp
	open := false
	for line := range strings.SplitSeq(text, "\n") {
		m := flagLine.FindStringSubmatch(line)
		switch {
		case m != nil:
			list = append(list, flagHelp{name: strings.TrimSuffix(m[2], "-"), shown: m[1], help: m[3]})
			open = true
		case !strings.HasPrefix(line, "  "):
			open = false
		case open:
			last := &list[len(list)-1]
			last.help = strings.TrimSpace(last.help + " " + strings.TrimSpace(line))
		}
	}
	return list, nil
}

// commandsPart is the list of commands as the program prints it.
func commandsPart(*source) (string, error) {
	text, err := help()
	if err != nil {
		return "", err
	}
	return "```text\n" + strings.TrimSpace(text) + "\n```", nil
}

// help is what the program prints about a command.
func help(command ...string) (string, error) {
	var out, problems bytes.Buffer
	p := &app.Process{In: strings.NewReader(""), Out: &out, Err: &problems, Lookup: func(string) (string, bool) { return "", false }}
	if exit := app.Main(context.Background(), append(command, "--help"), p); exit != 0 {
		return "", fmt.Errorf("blockcast %s --help: %s", strings.Join(command, " "), problems.String())
	}
	return out.String(), nil
}
