package main

import "github.com/blockcast/blockcast/engine/simulate/script"

// testActs is the table of what a step of a test does.
func testActs(*source) (string, error) { return keysOf(script.Acts()), nil }

// testExpectations is the table of what a test can expect.
func testExpectations(*source) (string, error) { return keysOf(script.Expectations()), nil }

func keysOf(keys []script.Key) string {
	t := newTable("key", "means")
	for _, k := range keys {
		t.add(code(k.Name), k.Doc)
	}
	return t.String()
}
