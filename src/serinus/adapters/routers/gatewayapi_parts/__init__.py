"""What HTTPRoutes and GRPCRoutes are made of, whoever reads them: gateways, or a mesh."""
