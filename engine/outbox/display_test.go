package outbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/channels/messenger"
	"github.com/blockcast/blockcast/engine/outbox"
)

// TestDisplay asks the real channels what becomes of messages.
func TestDisplay(t *testing.T) {
	t.Parallel()
	onLINE := outbox.Display(line.New(http.DefaultClient, line.Config{}))
	onMessenger := outbox.Display(messenger.New(http.DefaultClient, messenger.Config{}))
	if onLINE.Name != "LINE" || !onLINE.Free || onMessenger.Channel != "messenger" || onMessenger.Free {
		t.Errorf("LINE is %+v, Messenger %+v", onLINE, onMessenger)
	}
	var seven []blocks.Message
	for i := range 7 {
		seven = append(seven, blocks.Message{Part: &blocks.Text{Text: fmt.Sprint(i)}})
	}
	if d := onLINE.Show(seven); d.Objects != 7 || d.Calls != 2 || len(d.Changed) > 0 {
		t.Errorf("seven texts on LINE: %+v", d)
	}
	place := []blocks.Message{{Part: &blocks.Location{Title: "Shop", Address: "12 Lê Lợi", Latitude: 10, Longitude: 106}}}
	if d := onMessenger.Show(place); d.Calls != 1 || len(d.Changed) != 1 || !strings.Contains(d.Changed[0], "card") {
		t.Errorf("a place on Messenger: %+v", d)
	}
}
