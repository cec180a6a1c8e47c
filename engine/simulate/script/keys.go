package script

// Key is something that can stand in a step or in its "expect".
type Key struct{ Name, Doc string }

// Acts are the things a step can do, in the order of the documentation.
func Acts() []Key {
	var list []Key
	for _, a := range acts() {
		list = append(list, Key{a.key, a.doc})
	}
	return list
}

// Expectations are the things that can be expected of a step, in the order of
// the documentation.
func Expectations() []Key {
	var list []Key
	for _, e := range expectations() {
		list = append(list, Key{e.key, e.doc})
	}
	return list
}
