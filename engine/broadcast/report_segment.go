package broadcast

import "strconv"

// Where is an expression over people that means those a filter takes of all
// runs of a broadcast, whenever it is asked. ok is false where there is none:
// expressions ask for what people did, and for no reason and no variant.
func (f Filter) Where(broadcastID string) (where string, ok bool) {
	if f.Reason != "" || f.Variant != "" {
		return "", false
	}
	of := func(function string) string { return function + "(" + strconv.Quote(broadcastID) + ")" }
	switch f.Outcome {
	case OutcomeAccepted:
		return of("received"), true
	case OutcomeRead, OutcomeClicked, OutcomeReplied:
		return of(string(f.Outcome)), true
	case OutcomeNotClicked:
		return of("received") + " and not " + of("clicked"), true
	}
	return "", false
}
