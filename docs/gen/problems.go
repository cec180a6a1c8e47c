package main

import (
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// problemsPart is the table of what a check can say.
func problemsPart(s *source) (string, error) {
	t := newTable("code", "kind", "meaning")
	for _, folder := range []string{"flows", "blocks", "blocks/expression"} {
		list, err := s.constants(folder, prefixed("Code"))
		if err != nil {
			return "", err
		}
		for _, c := range list {
			if c.comment == "" {
				return "", fmt.Errorf("%s has no comment", c.name)
			}
			text, warning := strings.CutPrefix(c.comment, "warning: ")
			kind := "mistake"
			if warning {
				kind = "warning"
			}
			t.add(code(c.value), kind, sentence(readable(text)))
		}
	}
	return t.String(), nil
}

// eventsPart is the table of what a run can report.
func eventsPart(s *source) (string, error) {
	t := newTable("event", "meaning")
	steps, err := s.constants("blocks", prefixed("Report"))
	if err != nil {
		return "", err
	}
	listed := map[string]bool{}
	for _, c := range steps {
		t.add(code(c.value), sentence(c.comment))
		listed[c.value] = true
	}
	list, err := s.constants("engine", prefixed("Event"))
	if err != nil {
		return "", err
	}
	for _, c := range list {
		if listed[c.value] {
			continue
		}
		text := c.comment
		if limit, ok := strings.CutPrefix(c.name, "EventLimit"); ok {
			if text, ok = turnLimits()[limit]; !ok {
				return "", fmt.Errorf("nothing is written about %s", c.name)
			}
		}
		if text == "" {
			return "", fmt.Errorf("%s has no comment", c.name)
		}
		t.add(code(c.value), sentence(text))
	}
	return t.String(), nil
}

// turnLimits says what each limit of a turn is about, by the end of its
// event's name.
func turnLimits() map[string]string {
	return map[string]string{
		"Steps":    fmt.Sprintf("more than %d steps in one turn", engine.MaxStepsPerTurn),
		"Depth":    fmt.Sprintf("modules inside modules more than %d deep", engine.MaxIncludeDepth),
		"Messages": fmt.Sprintf("more than %d messages in one turn", engine.MaxMessagesPerTurn),
		"Events":   fmt.Sprintf("more than %d events in one turn", engine.MaxEventsPerTurn),
		"Fetches":  fmt.Sprintf("more than %d requests in one turn", engine.MaxFetchesPerTurn),
		"Budget":   fmt.Sprintf("all requests of one turn took more than %s together", expression.FormatDuration(engine.FetchBudget)),
		"Session":  fmt.Sprintf("what the session carries is larger than %d KB", engine.MaxSessionSize>>10),
		"Timers":   fmt.Sprintf("more than %d blocks planned in one turn", engine.MaxTimersPerTurn),
		"Stored":   fmt.Sprintf("more than %d blocks planned for one person", engine.MaxTimers),
		"Chain":    fmt.Sprintf("more than %d blocks that each planned the next while the person did nothing", engine.MaxChain),
		"Notices":  fmt.Sprintf("more than %d notices to other systems in one turn", engine.MaxNoticesPerTurn),
		"Changes":  fmt.Sprintf("more than %d changes of attributes and tags in one turn", engine.MaxChanges),
	}
}

// readable turns the names of the code's limits into numbers.
func readable(text string) string {
	return strings.ReplaceAll(text, "MaxDocument", fmt.Sprintf("%d MB", flows.MaxDocument>>20))
}

// flowLimits is the table of sizes.
func flowLimits(*source) (string, error) {
	t := newTable("at most", "of")
	for _, l := range []struct {
		most int
		of   string
	}{
		{blocks.MaxSteps, "steps in a block, those inside branches included"},
		{blocks.MaxNesting, "branches inside branches"},
		{blocks.ModuleMessages, "messages of a module"},
		{blocks.MaxCards, "cards or columns of a carousel, before the channel's own limit"},
		{blocks.MaxButtons, "buttons of a message, card or column, before the channel's own limit"},
		{blocks.MaxQuickReplies, "quick replies of a message, before the channel's own limit"},
		{blocks.MaxChoices, "choices of a question"},
		{blocks.MaxCases, "cases of a switch"},
		{blocks.MaxPairs, "attributes of one `set`, headers of one `request`"},
		{blocks.MaxTags, "tags of one step or button"},
		{engine.MaxStepsPerTurn, "steps run in one turn"},
		{engine.MaxMessagesPerTurn, "messages in one turn"},
		{engine.MaxFetchesPerTurn, "requests in one turn"},
		{expression.MaxExpressions, "expressions in one text"},
		{expression.MaxItems, "items of a list that are looked at; the rest is cut off"},
	} {
		t.add(fmt.Sprint(l.most), l.of)
	}
	t.add(fmt.Sprintf("%d KB", expression.MaxText>>10), "text made by one expression")
	t.add(fmt.Sprintf("%d MB", flows.MaxDocument>>20), "document")
	t.add(expression.FormatDuration(blocks.MaxWait), "one `wait`")
	t.add(expression.FormatDuration(blocks.MaxTimeout), "`timeout` of an `ask`")
	t.add(expression.FormatDuration(engine.FetchBudget), "all requests of one turn together")
	return t.String(), nil
}
