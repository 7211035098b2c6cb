import { mount } from "svelte";
import "./style.css";
import "uplot/dist/uPlot.min.css";
import App from "./app.svelte";

const target = document.getElementById("app");
if (target !== null) mount(App, { target });
