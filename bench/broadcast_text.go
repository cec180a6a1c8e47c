package main

import (
	"bytes"
	"regexp"
	"strconv"
)

// lifted is Go source in which a named number is 0.
func lifted(source []byte, name string) []byte {
	return regexp.MustCompile(`(?m)^(\s*`+regexp.QuoteMeta(name)+`\s*= )\d+`).ReplaceAll(source, []byte("${1}0"))
}

// resident is the resident size in what Linux tells of a process, in MB.
func resident(status []byte) (mb float64, ok bool) {
	for line := range bytes.Lines(status) {
		rest, found := bytes.CutPrefix(line, []byte("VmRSS:"))
		if !found {
			continue
		}
		words := bytes.Fields(rest)
		if len(words) == 0 {
			return 0, false
		}
		kb, err := strconv.ParseFloat(string(words[0]), 64)
		return kb / 1024, err == nil
	}
	return 0, false
}
