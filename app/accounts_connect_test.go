package app

import (
	"bytes"
	"strings"
	"testing"
)

// Who connects an account reads in the help what each platform wants, where
// that is found, and what is tried with it.
func TestConnectHelpNamesWhatPlatformsWant(t *testing.T) {
	t.Parallel()
	help := new(accountsConnect).Help()
	for _, want := range []string{"line needs:", "channel_secret ", "channel_access_token ", "messenger needs:", "page_access_token ", "app_secret ", "verify_token ",
		"LINE Developers console", "Meta App Dashboard", "LINE tests it", "Get Started"} {
		if !strings.Contains(help, want) {
			t.Errorf("the help lacks %q:\n%s", want, help)
		}
	}
}

func TestConnectedTellsWhatStandsWhere(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &botSession{session: &session{p: &Process{Out: &out}}}
	a := &accountView{ID: "65f0", Name: "My shop", WebhookURL: "https://x.example/w", Warnings: []string{"the webhook could not be set"}, Platform: []string{"Console: Webhook URL is https://x.example/w"}}
	if err := s.connected(a); err != nil {
		t.Fatal(err)
	}
	want := "connected My shop (65f0)\nits webhook: https://x.example/w\nwarning: the webhook could not be set\n\nOn the platform's pages:\n- Console: Webhook URL is https://x.example/w\n"
	if out.String() != want {
		t.Errorf("it says\n%s\nwant\n%s", out.String(), want)
	}
}

// Who mistypes a channel hears what there is before anything else is asked for.
func TestConnectNamesTheChannelsThereAre(t *testing.T) {
	t.Parallel()
	typed := shopFolder(t)
	for channel, want := range map[string]string{
		"lin":  `there is no channel "lin"; there are: line, messenger`,
		"line": "set BLOCKCAST_PUBLIC_URL",
	} {
		if out, errs, code := typed("accounts", "connect", channel); code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: code %d, %s%s", channel, code, out, errs)
		}
	}
}
