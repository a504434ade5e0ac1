// Command inventory serves the inventory subgraph of the example shop until it is interrupted.
//
//	SUBGRAPH_HMAC_KEY=... go run ./examples/subgraphs/inventory --key-id 2026-11 [--listen 127.0.0.1:4104]
//	go run ./examples/subgraphs/inventory --unsigned
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/gatehouse-graphql/gatehouse/examples/subgraphs/shop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := shop.Serve(ctx, os.Stdout, "inventory", os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "inventory:", err)
		os.Exit(1)
	}
}
