package clicks

// Seen is what machines have said, for each rule that knows one.
func Seen() []string {
	var out []string
	for _, a := range agents {
		out = append(out, a.seen)
	}
	return out
}
