"""The physical internet: places, the cables between them, and the routes that traffic takes."""
