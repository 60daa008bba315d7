# Rails in one file: scaffolded controllers, bodies below their root, {"name": ["can't be blank"]} with 422.
require "tmpdir"
ENV["RAILS_ENV"] = "production"
ENV["SECRET_KEY_BASE"] = "not-a-secret"
ENV["DATABASE_URL"] = "sqlite3:#{Dir.mktmpdir}/shelves.sqlite3?timeout=5000"
require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "puma"
require "puma/configuration"
require "puma/launcher"

class Api < Rails::Application
  config.load_defaults 6.1
  config.api_only = true
  config.eager_load = false
  config.hosts.clear
  config.logger = Logger.new(nil)
  config.consider_all_requests_local = false
  routes.append do
    root to: "roots#show"
    resources :shelves, defaults: { format: :json }
  end
end

Api.initialize!
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table :shelves, force: true do |t|
    t.string :label, null: false
    t.integer :width
    t.timestamps
  end
end

class Shelf < ActiveRecord::Base
  validates :label, presence: true
  validates :width, numericality: { only_integer: true }, allow_nil: true
end

Shelf.create!(label: "Poetry", width: 80)

class RootsController < ActionController::API
  def show
    render json: { shelves_url: shelves_url }
  end
end

class ShelvesController < ActionController::API
  wrap_parameters format: [:json] # as `rails new` writes it
  before_action(only: %i[show update destroy]) { @shelf = Shelf.find(params[:id]) }

  def index
    render json: Shelf.all
  end

  def show
    render json: @shelf
  end

  def create
    @shelf = Shelf.new(given)
    @shelf.save ? render(json: @shelf, status: :created, location: shelf_url(@shelf)) : refuse
  end

  def update
    @shelf.update(given) ? render(json: @shelf) : refuse
  end

  def destroy
    @shelf.destroy
  end

  private

  def given
    params.require(:shelf).permit(:label, :width)
  end

  def refuse
    render json: @shelf.errors, status: :unprocessable_entity
  end
end

config = Puma::Configuration.new do |c|
  c.bind "tcp://127.0.0.1:#{ARGV[0]}"
  c.app Api
  c.threads 1, 4
  c.quiet
end
Puma::Launcher.new(config).run
