package outbox

import (
	"encoding/json"
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// The same bytes go out when a call is repeated, after what was made was
// forgotten and read again.
func TestWhatWasMadeIsWhatIsStored(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"as it is": `{"text":"Hi"}`, "written otherwise": `{"text": "a<b"}`} {
		payloads := []channels.Payload{{Body: json.RawMessage(body), Messages: 2, Template: true}}
		stored, err := json.Marshal(payloads)
		if err != nil {
			t.Fatal(err)
		}
		r := &engine.Render{ID: "r1", Payloads: stored}
		made := newAlike()
		made.say(r, payloads)
		now, err := made.read(r)
		if err != nil {
			t.Fatal(err)
		}
		later, err := newAlike().read(r)
		if err != nil {
			t.Fatal(err)
		}
		if string(now[0].Body) != string(later[0].Body) || now[0].Messages != later[0].Messages || now[0].Template != later[0].Template {
			t.Errorf("%s: %+v goes out, and %+v after a restart", name, now[0], later[0])
		}
	}
}
