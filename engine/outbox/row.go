package outbox

// Row is one of a broadcast's, as far as the order of work needs it.
type Row struct {
	ID        int64
	AccountID string
}
