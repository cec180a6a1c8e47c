package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/notify"
)

// topicsPart lists what outgoing webhooks can listen to.
func topicsPart(*source) (string, error) {
	var b strings.Builder
	b.WriteString("| topic | tells that |\n|---|---|\n")
	for _, t := range engine.Topics() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", t.Name, t.Doc)
	}
	return b.String(), nil
}

// postingTimes are the limits of telling a webhook.
func postingTimes(*source) (string, error) {
	return fmt.Sprintf("| | |\n|---|---|\n| one call | %s, no redirects |\n| taken | any 2xx |\n| attempts | %d, over about three days |\n"+
		"| disabled | after %d days without a success and at least %d failures, or at once by a 410 |\n| of the answer is kept | %d bytes |\n",
		notify.PostTime, notify.Attempts, int(notify.PatienceTime/(24*time.Hour)), notify.PatienceFailures, notify.MaxAnswer), nil
}
