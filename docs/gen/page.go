package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The marks around a part of a page.
const (
	beginMark = "<!-- generated: "
	endMark   = "<!-- end -->"
)

// page is one page of the documentation as it is and as it should be.
type page struct {
	path, name string // name is the path below docs
	have, want string
}

// maker writes one part.
type maker func(*source) (string, error)

// parts names everything that can stand between marks. Each is used once.
func parts() map[string]maker {
	return map[string]maker{
		"document":              documentPart,
		"types":                 typesPart,
		"block":                 blockPart,
		"trigger":               triggerPart,
		"actions":               actionsPart,
		"loop":                  loopPart,
		"speech":                speechPart,
		"speaking steps":        speakingSteps,
		"acting steps":          actingSteps,
		"facts":                 factsPart,
		"functions":             functionsPart,
		"problems":              problemsPart,
		"events":                eventsPart,
		"flow limits":           flowLimits,
		"states":                statesPart,
		"reasons":               reasonsPart,
		"classes":               classesPart,
		"intents":               intentsPart,
		"attempts":              attemptsPart,
		"retention":             retentionPart,
		"ledger times":          ledgerTimes,
		"message tags":          messageTags,
		"topics":                topicsPart,
		"posting times":         postingTimes,
		"scopes":                scopesPart,
		"problem":               problemPart,
		"settings":              settingsPart,
		"serve settings":        serveSettings,
		"client settings":       clientSettings,
		"commands":              commandsPart,
		"metrics":               metricsPart,
		"calls":                 callsPart,
		"send fields":           sendFields,
		"line limits":           lineLimits,
		"messenger credentials": messengerCredentials,
		"messenger events":      messengerEvents,
		"messenger limits":      messengerLimits,
		"line routes":           lineRoutes,
		"messenger routes":      messengerRoutes,
		"wishes":                wishesPart,
		"tag lives":             tagLives,
		"test acts":             testActs,
		"expectations":          testExpectations,
	}
}

// written lists the pages of the documentation's folder and those below it.
func written(folder string) ([]string, error) {
	var list []string
	for _, pattern := range []string{"*.md", "*/*.md"} {
		files, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		list = append(list, files...)
	}
	return list, nil
}

// pages reads every page and writes its parts.
func pages(root string) ([]page, error) {
	files, err := written(filepath.Join(root, "docs"))
	if err != nil {
		return nil, err
	}
	src, all, used := newSource(root), parts(), map[string]string{}
	var list []page
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(filepath.Join(root, "docs"))+"/")
		p := page{path: path, name: name, have: string(data)}
		if p.want, err = fill(p.have, func(name string) (string, error) {
			return one(src, all, used, p.name, name)
		}); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		list = append(list, p)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if used[name] == "" {
			return nil, fmt.Errorf("no page has the part %q", name)
		}
	}
	return list, nil
}

// one makes a part for a page.
func one(src *source, all map[string]maker, used map[string]string, page, name string) (string, error) {
	write, ok := all[name]
	switch {
	case !ok:
		return "", fmt.Errorf("there is no part %q", name)
	case used[name] != "":
		return "", fmt.Errorf("the part %q stands in %s already", name, used[name])
	}
	used[name] = page
	text, err := write(src)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// fill writes what belongs between the marks of a text.
func fill(text string, part func(name string) (string, error)) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, beginMark)
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, rest, ok := strings.Cut(rest, " -->\n")
		_, after, closed := strings.Cut(rest, endMark)
		if !ok || !closed {
			return "", fmt.Errorf("the part that begins with %.30q has no end", name)
		}
		made, err := part(name)
		if err != nil {
			return "", err
		}
		b.WriteString(beginMark + name + " -->\n\n" + strings.TrimSpace(made) + "\n\n" + endMark)
		text = after
	}
}
