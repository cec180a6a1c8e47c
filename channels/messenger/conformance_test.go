package messenger_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/channeltest"
	"github.com/blockcast/blockcast/channels/messenger"
)

func TestReceive(t *testing.T) { channeltest.RunReceive(t, channel(), account(), sign) }

func TestRender(t *testing.T) { channeltest.RunRender(t, channel()) }

func TestSend(t *testing.T) { channeltest.RunSend(t, account(), build) }

func channel() *messenger.Channel { return messenger.New(http.DefaultClient, messenger.Config{}) }

func build(client *http.Client, url string) channels.Channel {
	return messenger.New(client, messenger.Config{BaseURL: url})
}

const (
	secret = "m3ss3nger-t3st-s3cret"
	page   = "100200300400500"
	person = "700800900100200"
)

func account() channels.Account {
	return channels.Account{
		ID:         "acc_1",
		ExternalID: page,
		Secrets:    map[string]string{"app_secret": secret, "page_access_token": "EAATESTtoken123", "verify_token": "verify-of-tests"},
	}
}

func sign(a channels.Account, body []byte) http.Header {
	mac := hmac.New(sha256.New, []byte(a.Secrets["app_secret"]))
	mac.Write(body)
	return http.Header{"X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}}
}
