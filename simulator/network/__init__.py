"""The physical internet: places and cables, routes on them, flows that share them, the watts of links."""
