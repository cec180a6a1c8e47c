package api

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// reportAnswer counts a bot's deliveries.
type reportAnswer struct {
	Since time.Time         `json:"since"`
	Sum   int64             `json:"sum" doc:"All deliveries; the statuses add up to it."`
	By    map[string]int64  `json:"by_status"`
	Rows  []reportRow       `json:"rows"`
	Why   map[string]string `json:"reasons,omitempty" doc:"What the reasons in the rows mean."`
}

type reportRow struct {
	Status engine.Status `json:"status"`
	Reason string        `json:"reason,omitempty" doc:"Why it was skipped, or the class of the failure."`
	Route  string        `json:"route,omitempty"`
	Count  int64         `json:"count"`
}

// reportPeriod is what a report is about when nobody says.
const reportPeriod = 24 * time.Hour

// reports registers …/report and …/reports.
func (a *API) reports() {
	register(a, get("report-deliveries", botPath+"/reports/deliveries", "Reports", "Count deliveries by day, channel, category or block", engine.ScopeRead).
		about("Counted over the ledger: of each line, and of all of them, the states add up to the count. Beside them stand the reasons of what was skipped or canceled, the classes of errors and the routes."), a.deliveriesReport)
	register(a, get("get-report", botPath+"/report", "Reports", "Count deliveries by status, reason and route", engine.ScopeRead), a.report)
}

func (a *API) report(ctx context.Context, in *struct {
	InBot
	Since time.Time `query:"since" doc:"From when on; the last day when left out."`
}) (*body[reportAnswer], error) {
	since := in.Since
	if since.IsZero() {
		since = a.Now().Add(-reportPeriod)
	}
	rows, err := a.Store.Tally(ctx, botOf(ctx).ID, since.UTC())
	if err != nil {
		return nil, err
	}
	out := reportAnswer{Since: since.UTC(), By: map[string]int64{}, Rows: []reportRow{}, Why: map[string]string{}}
	for _, r := range rows {
		out.Sum += r.Count
		out.By[string(r.Status)] += r.Count
		out.Rows = append(out.Rows, reportRow{r.Status, r.Reason, r.Route, r.Count})
		if text := explained(r.Reason); text != "" {
			out.Why[r.Reason] = text
		}
	}
	return answer(out, nil)
}
