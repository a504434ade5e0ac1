// Command products serves the products subgraph of the example shop until it is interrupted.
//
//	SUBGRAPH_HMAC_KEY=... go run ./examples/subgraphs/products --key-id 2026-11 [--listen 127.0.0.1:4102]
//	go run ./examples/subgraphs/products --unsigned
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
	err := shop.Serve(ctx, os.Stdout, "products", os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "products:", err)
		os.Exit(1)
	}
}
