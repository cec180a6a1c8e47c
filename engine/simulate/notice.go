package simulate

import (
	"encoding/json"
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

// Notice is what outgoing webhooks would be told.
type Notice struct {
	Topic string
	Data  json.RawMessage // of a notify step its own, else all that is told
}

// Tells returns the notices of the turn, in order.
func (s *Scene) Tells() ([]Notice, error) {
	list := make([]Notice, len(s.Turn.Notices))
	for i, n := range s.Turn.Notices {
		list[i] = Notice{n.Topic, n.Data}
		if n.Family() != engine.TopicEvents {
			continue
		}
		var of struct {
			Data json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(n.Data, &of); err != nil {
			return nil, fmt.Errorf("read the notice %s: %w", n.Topic, err)
		}
		list[i].Data = of.Data
	}
	return list, nil
}

// Words says what is told, as people read it. Of what tells itself, such as a
// handover that is shown anyway, only the topic is named.
func (n *Notice) Words() string {
	text := "tells webhooks of " + n.Topic
	if len(n.Data) > len("{}") && (&engine.Notice{Topic: n.Topic}).Family() == engine.TopicEvents {
		text += ": " + string(n.Data)
	}
	return text
}
