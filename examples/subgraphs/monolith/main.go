// Command monolith serves the shop as one schema, the oracle of the federated answers, of the example shop until it is interrupted.
//
//	go run ./examples/subgraphs/monolith [--listen 127.0.0.1:4105] [--caller 1]
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
	err := shop.Serve(ctx, os.Stdout, "monolith", os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "monolith:", err)
		os.Exit(1)
	}
}
