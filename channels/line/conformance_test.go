package line_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/channeltest"
	"github.com/blockcast/blockcast/channels/line"
)

func TestReceive(t *testing.T) { channeltest.RunReceive(t, channel(), account(), sign) }

func TestRender(t *testing.T) { channeltest.RunRender(t, channel()) }

func TestSend(t *testing.T) { channeltest.RunSend(t, account(), build) }

func channel() *line.Channel { return line.New(http.DefaultClient, line.Config{}) }

func build(client *http.Client, url string) channels.Channel {
	return line.New(client, line.Config{BaseURL: url})
}

const secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

func account() channels.Account {
	return channels.Account{
		ID:         "acc_1",
		ExternalID: "U00112233445566778899aabbccddeeff",
		Secrets:    map[string]string{"channel_secret": secret, "channel_access_token": "token-of-tests"},
	}
}

func sign(a channels.Account, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(a.Secrets["channel_secret"]))
	mac.Write(body)
	return http.Header{"X-Line-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}}
}
