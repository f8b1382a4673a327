import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

// Everything is served by the unit itself, from its root, with no other host: assets carry a hash in their name and are
// cached for good, index.html never is. The dev server passes the unit's own surfaces through.
export default defineConfig({
  plugins: [svelte()],
  base: '/',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    // The pages behind the first screen come as one file: together they compress better than nine apart.
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: 'pages', test: /src[\\/](pages[\\/](?!Now)|lib[\\/](wishes|charts))/ }],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
})
