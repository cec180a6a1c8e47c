// Command blockcast is a chatbot flow engine with block broadcasting.
package main

import (
	"context"
	"os"

	"github.com/blockcast/blockcast/app"
	"github.com/blockcast/blockcast/app/heap"
)

func main() {
	heap.Keep()
	os.Exit(app.Main(context.Background(), os.Args[1:], app.This()))
}
