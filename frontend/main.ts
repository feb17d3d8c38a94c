import { createApp } from 'vue'

import App from './App.vue'
import { router } from './router.ts'
import './styles/variables.css'
import './styles/flowfuse.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/surfaces.css'

createApp(App).use(router).mount('#app')
