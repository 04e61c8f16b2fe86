// VitePress's own theme, where some of its colours are too faint to read (WCAG 2.2, 1.4.3).
import DefaultTheme from 'vitepress/theme'
import './contrast.css'

export default DefaultTheme
