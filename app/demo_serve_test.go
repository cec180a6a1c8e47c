package app

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// A call that comes before the pretend platforms know the accounts waits for
// them: refused, it would pause the account.
func TestTheDemosPlatformsWaitForTheirAccounts(t *testing.T) {
	t.Parallel()
	d, err := newDemo(&Config{Data: t.TempDir()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.close() })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.config.ChannelURL["line"]+"/v2/bot/info", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer the token")
	status := make(chan int, 1)
	called := make(chan struct{})
	go func() {
		close(called)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			close(status)
			return
		}
		_ = answer.Body.Close()
		status <- answer.StatusCode
	}()
	<-called
	select {
	case got := <-status:
		t.Errorf("answered %d before the account is there", got)
	default:
	}
	if err := d.sandbox.AddLINEAccount(sandbox.LINEAccount{Name: "shop", ChannelSecret: "secret", AccessToken: "the token"}); err != nil {
		t.Fatal(err)
	}
	d.serve(slog.New(slog.DiscardHandler))
	if got := <-status; got != http.StatusOK {
		t.Errorf("answered %d", got)
	}
}
