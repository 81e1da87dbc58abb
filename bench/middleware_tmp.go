package main

import "context"

func middlewares(context.Context, settings) ([]row, error) { return nil, nil }
