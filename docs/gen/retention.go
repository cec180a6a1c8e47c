package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// Where the store says how long it keeps what.
var (
	keptFor = regexp.MustCompile(`(?m)^\t(keep[A-Za-z]+) += ((?:\d+ \* )+)time\.Hour`)
	kept    = regexp.MustCompile(`(?m)^\t\{"([a-z_]+)", (keep[A-Za-z]+|0), `)
)

// retentionPart is the table of what is forgotten, and when.
func retentionPart(s *source) (string, error) {
	text, err := s.text("store")
	if err != nil {
		return "", err
	}
	times := map[string]string{"0": "until they run out"}
	for _, m := range keptFor.FindAllStringSubmatch(text, -1) {
		hours := 1
		for _, factor := range strings.Split(strings.TrimSuffix(m[2], " * "), " * ") {
			n, err := strconv.Atoi(factor)
			if err != nil {
				return "", err
			}
			hours *= n
		}
		times[m[1]] = expression.FormatDuration(time.Duration(hours) * time.Hour)
	}
	var list []named
	for _, m := range kept.FindAllStringSubmatch(text, -1) {
		if times[m[2]] == "" {
			return "", fmt.Errorf("nobody knows how long %s is", m[2])
		}
		list = append(list, named{value: m[1], comment: times[m[2]]})
	}
	t := newTable("what", "kept for")
	err = described(list, map[string]string{
		"event_keys":           "that an event of a platform was seen, so that it is answered once",
		"idempotency_keys":     "`Idempotency-Key`s, a day after the call",
		"kept_answers":         "answers kept for a repeated call, a day after it",
		"receipts":             "receipts that fit no delivery",
		"interaction_payloads": "what people wrote",
		"delivery_content":     "the attributes a call brought for one send",
		"send_requests":        "what a call asked for",
		"renders":              "what was said, after it was last used",
		"events":               "what flows reported",
		"webhook_postings":     "what other systems were told",
		"poison":               "events that could not be stored",
		"taps":                 "taps on buttons and links",
		"links":                "where counted links lead",
		"attempts":             "attempts",
		"delivery_messages":    "the platform's ids of messages",
		"deliveries":           "deliveries",
		"interactions":         "that somebody did something, without what",
		"sends":                "sends",
		"broadcast_versions":   "what a broadcast was to do, after it was changed",
		"audit_log":            "who changed what",
	}, func(c named, text string) { t.add(text, c.comment) })
	return t.String(), err
}
