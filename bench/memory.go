package main

import (
	"bytes"
	"os"
	"strconv"
)

// memory are readings of a process's resident size, in MB.
type memory []float64

// read takes a reading; where the system does not tell there is none.
func (m *memory) read(pid int) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return
	}
	if mb, ok := resident(text); ok {
		*m = append(*m, mb)
	}
}

func (m memory) highest() (most float64) {
	for _, mb := range m {
		most = max(most, mb)
	}
	return most
}

// growth is the mean of the last third over that of the middle one; ok is
// false with too few readings to tell.
func (m memory) growth() (float64, bool) {
	third := len(m) / 3
	if third < 3 {
		return 0, false
	}
	mean := func(part []float64) (sum float64) {
		for _, mb := range part {
			sum += mb
		}
		return sum / float64(len(part))
	}
	return mean(m[2*third:]) / mean(m[third:2*third]), true
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
