import { mount } from 'svelte'
import App from './App.svelte'
import './app.css'

mount(App, { target: document.getElementById('app')! })

// The shell stays readable without the unit where the browser allows it: https, or the unit's own machine.
if (import.meta.env.PROD && 'serviceWorker' in navigator && window.isSecureContext) {
  navigator.serviceWorker.register('/worker.js').catch(() => undefined)
}
