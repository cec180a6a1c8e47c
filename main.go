// Command blockcast is a chatbot flow engine with block broadcasting.
package main

import (
	"context"
	"os"

	"github.com/blockcast/blockcast/app"
)

func main() {
	os.Exit(app.Main(context.Background(), os.Args[1:], app.This()))
}
